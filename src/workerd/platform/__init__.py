"""Web APIs: the Python half of the platform layer. `platform/js` is the other half."""
