"""The inspector: workers seen by debuggers that speak the Chrome DevTools Protocol (docs/debugging.md).

Three threads of control meet here. The debuggers' sockets live on a thread of their own (`service`, `server`, `client`). Workers and V8's
inspector live on the main thread (`target`). What goes from one to the other are queues of messages: in one direction
`InspectorSession.post()`, emptied by the main loop, by the loop that runs while a worker is held, or in the middle of JavaScript that
computes; in the other `Client._outbox`.
"""
