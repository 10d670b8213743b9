const express = require('express');

const app = express();
app.post('/hooks', express.raw({ type: () => true }), (req, res) => {
  if (!verify(process.env.HOOKLINE_WEBHOOK_SECRET, req.headers, req.body)) {
    return res.status(401).send('not genuine');
  }
  console.log('received', req.headers['webhook-id']); // put the body in a queue here
  res.sendStatus(204);
});
app.listen(3000, '127.0.0.1');
