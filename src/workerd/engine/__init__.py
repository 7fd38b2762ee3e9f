"""V8 inside the Python process: loads the library, initialises it once, and gives the binding's types."""
