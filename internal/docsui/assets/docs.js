// Shows the contract of this server with Swagger UI.
const { SwaggerUIBundle } = window;

const profile = new URLSearchParams(location.search).get('profile');

SwaggerUIBundle({
  url: '/api/v1/openapi.json' + (profile ? '?profile=' + encodeURIComponent(profile) : ''),
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
