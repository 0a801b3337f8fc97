// The library people import: one import brings the loop, Lua, greens and the HTTP server.
@_exported import EventLoop
@_exported import Green
@_exported import GreenHttp
@_exported import GreenNet
@_exported import GreenWSGI
@_exported import HTTPWire
@_exported import LuaRuntime
@_exported import WebSocketWire
