"""What can answer a request besides a worker: the network, an external server, a directory.

`contract` has the interface; `make.make_service(name, body)` makes a service from its config.
"""
