// Runs the check in a worker for each request.
import * as sdk from 'sdk/index.js';
import { check } from 'check.mjs';

export default {
  async fetch(_request, env) {
    try {
      return new Response(`ok ${await check(sdk, env.url, env.key, env.vectors)}`);
    } catch (e) {
      return new Response(`${e.name}: ${e.message}\n${e.stack}`);
    }
  },
};
