// Takes leads as the document of savelead shows it, with Express. It listens on a free port, which it prints, and
// prints leads as JSON, so that a test can read both.
"use strict";

const express = require("express");
const app = express();

app.post("/webhooks/leads", express.json(), (req, res) => {
  const leadData = req.body.data;
  console.log("Received new lead:", JSON.stringify(leadData));
  res.status(200).send("Webhook received");
});

const server = app.listen(0, "127.0.0.1", () => {
  console.log("Webhook server listening on port", server.address().port);
});
