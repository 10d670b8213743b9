# The worker of the check, at a free port of this machine. It calls Hookline on this machine alone.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ( name = "check", worker = .check ),
    ( name = "internet", network = ( allow = ["local"] ) ),
  ],
  sockets = [ ( name = "http", address = "127.0.0.1:0", http = (), service = "check" ) ],
);

const check :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    ( name = "worker.mjs", esModule = embed "worker.mjs" ),
    ( name = "check.mjs", esModule = embed "check.mjs" ),
    ( name = "sdk/index.js", esModule = embed "dist/index.js" ),
    ( name = "sdk/call.js", esModule = embed "dist/call.js" ),
    ( name = "sdk/errors.js", esModule = embed "dist/errors.js" ),
    ( name = "sdk/list.js", esModule = embed "dist/list.js" ),
    ( name = "sdk/methods.gen.js", esModule = embed "dist/methods.gen.js" ),
    ( name = "sdk/webhook.js", esModule = embed "dist/webhook.js" ),
  ],
  bindings = [
    ( name = "url", fromEnvironment = "HOOKLINE_URL" ),
    ( name = "key", fromEnvironment = "HOOKLINE_API_KEY" ),
    ( name = "vectors", json = embed "vectors.json" ),
  ],
);
