"use strict";
// What Node.js runs at its start under `aioturk marketplace run`, in every program and its children.
//
// Node.js ignores HTTPS_PROXY. So connections to the hosts that the marketplace stands in for are led to it here, by
// whichever way they were to go, and are shown its certificate, which NODE_EXTRA_CA_CERTS has trusted. Any other host of
// Mechanical Turk gets no connection, but an error. Everything else is left alone.
//
// The names are those of aioturk/marketplace/proxy.py; a test compares the two.

const net = require("net");
const tls = require("tls");
const { syncBuiltinESMExports } = require("module");

const HOSTS = new Set([
  "mturk-requester.us-east-1.amazonaws.com",
  "mturk-requester-sandbox.us-east-1.amazonaws.com",
  "crowd.us-east-1.amazonaws.com",
  "sts.amazonaws.com",
  "sts.us-east-1.amazonaws.com",
  "workersandbox.mturk.com",
  "worker.mturk.com",
  "www.mturk.com",
]);
const AMAZON = /\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/;
const PAID = /^((.*\.)?mturk-requester.*|(.*\.)?mechanicalturk\..*|crowd\.[a-z]+(-[a-z]+)+-[0-9]+\..*)$/;
const SITES = /^(.*\.)?mturk\.com$/;

const plain = (name) => (typeof name === "string" ? name.toLowerCase().replace(/\.+$/, "") : "");

function fate(name) {
  if (HOSTS.has(name)) return "here";
  return (AMAZON.test(name) && PAID.test(name)) || SITES.test(name) ? "refused" : "elsewhere";
}

function refusal(name) {
  return new Error(
    `aioturk marketplace run: nothing was sent to ${name}: it stands in for Mechanical Turk's API in us-east-1 ` +
      "and for its workers' sites, over https://, and lets nothing through to the real one.",
  );
}

// "127.0.0.1:49152": where TLS is understood, for any of the hosts.
const [address, port] = (process.env.AIOTURK_TLS || "").split(":");

function install() {
  const connectSocket = net.Socket.prototype.connect;
  const connectTls = tls.connect;

  net.Socket.prototype.connect = function connect(...given) {
    // What net.connect() hands on is put in order already, in an array with a mark of its own.
    const [options, listener] = Array.isArray(given[0]) ? given[0] : net._normalizeArgs(given);
    const name = plain(options && options.host);
    switch (fate(name)) {
      case "elsewhere":
        return connectSocket.apply(this, given);
      case "here":
        if (Number(options.port) === 443 && port) {
          const { lookup, ...others } = options;
          return connectSocket.call(this, { ...others, host: address, port: Number(port) }, listener);
        }
    }
    process.nextTick(() => this.destroy(refusal(name)));
    return this;
  };

  // Here the name is known even if the connection leads to an address, or through somebody's proxy.
  tls.connect = function connect(...given) {
    const [known, listener] = net._normalizeArgs(given);
    const options = Object.assign({}, known, ...given.slice(1, 3).filter((each) => typeof each === "object"));
    const name = plain(options.servername || options.host);
    if (fate(name) === "elsewhere") return connectTls.apply(this, given);
    const { socket, path, lookup, ...others } = options;
    if (socket) socket.destroy();
    const led = fate(name) === "here" && port ? { host: address, port: Number(port) } : { host: name, port: 443 };
    return connectTls.call(this, { ...others, ...led, servername: name }, listener);
  };

  syncBuiltinESMExports();
}

install();

module.exports = { fate };
