// Checks a request as the products document it, in Node.
//
// Arguments: the endpoint's secret and the value of the signature header. The raw body comes on standard input. Prints
// "valid" or "invalid"; anything else went wrong.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");

function isAuthentic(body, signature, secret) {
  const digest = Buffer.from(crypto.createHmac("sha256", secret).update(body, "utf8").digest("hex"), "utf8");
  const given = Buffer.from(signature || "", "utf8");
  return digest.length === given.length && crypto.timingSafeEqual(digest, given);
}

const [secret, signature] = process.argv.slice(2);
const raw = fs.readFileSync(0);
// Some read the body as text first; both must agree.
const valid = isAuthentic(raw, signature, secret) && isAuthentic(raw.toString("utf8"), signature, secret);
console.log(valid ? "valid" : "invalid");
