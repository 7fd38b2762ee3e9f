"""Configuration: `workerd.capnp`, text or binary, read, overridden and checked, as frozen dataclasses (`model`)."""
