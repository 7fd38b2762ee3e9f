"""The client's side of the protocols: dialling, HTTP/1.1, HTTP/2, WebSocket, raw TCP."""
