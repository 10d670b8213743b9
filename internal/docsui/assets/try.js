// Shows the contract of this server with Swagger UI.
const { SwaggerUIBundle } = window;

const profile = new URLSearchParams(location.search).get('profile');

const contract = '/api/v1/openapi.json' + (profile ? '?profile=' + encodeURIComponent(profile) : '');

// documentOf returns a document with nothing but a part of one, such as a path, and the components that it refers to.
function documentOf(doc, [kind, name]) {
  const part = { ...doc, paths: {}, webhooks: {}, components: { securitySchemes: doc.components.securitySchemes } };
  const add = (value) => {
    if (typeof value === 'string' && value.startsWith('#/components/')) {
      const [, , section, component] = value.split('/');
      const found = doc.components[section]?.[component];
      if (found && !part.components[section]?.[component]) {
        (part.components[section] ??= {})[component] = found;
        add(found);
      }
    } else if (value && typeof value === 'object') {
      Object.values(value).forEach(add);
    }
  };
  if (doc[kind]?.[name]) {
    part[kind][name] = doc[kind][name];
    add(part[kind][name]);
  }
  return part;
}

// Swagger UI works through the whole document for each operation that is opened or called, which takes seconds for one
// of this size.
const resolveParts = ({ fn: { resolveSubtree } }) => ({
  fn: { resolveSubtree: (doc, path, options) => resolveSubtree(documentOf(doc, path), path, options) },
});

SwaggerUIBundle({
  url: contract,
  plugins: [resolveParts],
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
  docExpansion: 'none', // each operation on the page is rendered again at every change of its state
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 8, // a schema that is looked at shows its fields with what they are
  showExtensions: true, // x-permission and x-entitlement are part of what integrators must know
  validatorUrl: 'none', // else the document is sent to a stranger
  queryConfigEnabled: false,
});
