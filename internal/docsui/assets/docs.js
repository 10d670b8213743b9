// Shows the contract of this server with Swagger UI.
const { SwaggerUIBundle } = window;

const profile = new URLSearchParams(location.search).get('profile');

const contract = '/api/v1/openapi.json' + (profile ? '?profile=' + encodeURIComponent(profile) : '');

SwaggerUIBundle({
  url: contract,
  responseInterceptor: (answer) => {
    if (new URL(answer.url).pathname + new URL(answer.url).search === contract) {
      // requests are tried out on the server that this page comes from
      answer.text = JSON.stringify({ ...JSON.parse(answer.text), servers: [{ url: location.origin }] });
    }
    return answer;
  },
  dom_id: '#swagger-ui',
  deepLinking: true,
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: false, // a key stays in memory and goes with the page
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 8, // a schema that is looked at shows its fields with what they are
  showExtensions: true, // x-permission and x-entitlement are part of what integrators must know
  validatorUrl: 'none', // else the document is sent to a stranger
  queryConfigEnabled: false,
});
