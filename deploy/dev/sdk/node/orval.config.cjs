// The generated functions have the address of the server in them.
module.exports = {
  hookline: {
    input: { target: './openapi.json' },
    output: { target: './generated/orval.ts', client: 'fetch', baseUrl: process.env.HOOKLINE_URL },
  },
};
