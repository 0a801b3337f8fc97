import Greenhouse
if CommandLine.arguments[1] == "serve" {
  let s = try AppServer()
  try s.load(ScriptFile(reading: CommandLine.arguments[2]))
  let a = try s.server!.listen(on: BindAddress(parsing: CommandLine.arguments[4]))
  print("listening", a)
  s.loop.run()
} else {
let r = try ScriptRunner()
let e = try r.run(ScriptFile(reading: CommandLine.arguments[2]), name: CommandLine.arguments[2], arguments: Array(CommandLine.arguments.dropFirst(3)))
switch e { case .succeeded: break
case .failed(let x): print(x)
case .deadlock(let x): print(x) }
}
