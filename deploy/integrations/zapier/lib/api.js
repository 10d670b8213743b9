'use strict';

// address returns the URL of an operation on the server that the connection names.
const address = (bundle, path) => bundle.authData.base_url.replace(/\/+$/, '') + '/api/v1' + path;

const sendKey = (request, z, bundle) => {
  if (request.url.startsWith('/')) request.url = address(bundle, request.url);
  request.headers.Authorization = `Bearer ${bundle.authData.api_key}`;
  request.headers.Accept = 'application/json';
  request.skipThrowForStatus = true;
  return request;
};

// refuse turns an error of the API into Zapier's, with every problem that the API names.
const refuse = (response, z) => {
  if (response.status < 400) return response;
  const error = response.data && response.data.error;
  if (!error) {
    throw new z.errors.Error(
      `The server answered ${response.status} and is no Hookline API. Check the URL of the connection.`,
      'InvalidServer', response.status);
  }
  const details = (error.details || []).map((d) => `${d.field} ${d.message}.`);
  const text = [error.message, ...details, `(request ${error.request_id})`].join(' ');
  if (response.status === 401) throw new z.errors.ExpiredAuthError(text);
  if (response.status === 429) throw new z.errors.ThrottledError(text, error.retry_after_seconds || 60);
  throw new z.errors.Error(text, error.code, response.status);
};

const get = async (z, path, params) => (await z.request({ url: path, params })).data;

const send = async (z, method, path, body) => (await z.request({ method, url: path, body })).data;

// without returns the fields that have a value: Zapier sends empty ones, too.
const without = (fields) => Object.fromEntries(
  Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''));

module.exports = { sendKey, refuse, get, send, without };
