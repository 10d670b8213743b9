// Checks requests as the products document it, in Node.
//
// Standard input has them as JSON: for each the endpoint's secret, the value of the signature header and the raw body
// in base64. Prints "valid" or "invalid" for each; anything else went wrong.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");

function isAuthentic(body, signature, secret) {
  const digest = Buffer.from(crypto.createHmac("sha256", secret).update(body, "utf8").digest("hex"), "utf8");
  const given = Buffer.from(signature || "", "utf8");
  return digest.length === given.length && crypto.timingSafeEqual(digest, given);
}

const verdicts = JSON.parse(fs.readFileSync(0, "utf8")).map(({ secret, signature, body }) => {
  const raw = Buffer.from(body, "base64");
  // Some read the body as text first; both must agree.
  const valid = isAuthentic(raw, signature, secret) && isAuthentic(raw.toString("utf8"), signature, secret);
  return valid ? "valid" : "invalid";
});
console.log(verdicts.join(" "));
