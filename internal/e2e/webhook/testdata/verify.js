// Checks requests with the function that the document of Leadie has, line for line, in Node.
//
// Standard input has them as JSON: for each the endpoint's secret, the value of the signature header and the raw
// body in base64. Prints "valid" or "invalid" for each; anything else went wrong.
"use strict";

const fs = require("node:fs");

const crypto = require('crypto');

function verifyLeadieSignature(body, headerSig, secret) {
  const computed = crypto
    .createHmac('sha256', secret)
    .update(body, 'utf8')
    .digest('hex');

  return crypto.timingSafeEqual(
    Buffer.from(computed, 'utf8'),
    Buffer.from(headerSig || '', 'utf8'),
  );
}

const verdicts = JSON.parse(fs.readFileSync(0, "utf8")).map(({ secret, signature, body }) => {
  const raw = Buffer.from(body, "base64");
  // Some read the body as text first; both must agree.
  const both = [verifyLeadieSignature(raw, signature, secret),
    verifyLeadieSignature(raw.toString("utf8"), signature, secret)];
  return both[0] !== both[1] ? "disputed" : both[0] ? "valid" : "invalid";
});
console.log(verdicts.join(" "));
