"""`workerd test`: runs the `test()` handlers that workers export."""
