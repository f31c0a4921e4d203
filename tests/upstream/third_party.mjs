// npm's oidc-provider with one client, on a free port of 127.0.0.1; prints the port.
// Arguments: the folder that holds node_modules, the client's redirect_uri.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createServer } from 'node:http';

const [folder, redirectUri] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(createRequire(`${folder}/`).resolve('oidc-provider')));

const client = {
  client_id: 'hub',
  client_secret: 'a secret of some length, for a test',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_post',
};

const configuration = {
  clients: [client],
  claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
  scopes: ['openid', 'offline_access', 'profile', 'groups'],
  // Whoever types a name is that person.
  findAccount: (context, name) => ({
    accountId: name,
    claims: () => ({ sub: name, preferred_username: name, groups: ['staff', 'users'] }),
  }),
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['only for a test'] },
};

// The issuer needs the port, and the port a listener.
let handle;
const server = createServer((request, response) => handle(request, response));
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  handle = new Provider(issuer, configuration).callback();
  console.log(server.address().port);
});
