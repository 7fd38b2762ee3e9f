"""What comes in from the network: listeners, and the client side under `client`.

`make_listener(config, options, target)` gives a `Listener`; the protocols themselves are in native/http.
"""
