import { createMemoryCredentials } from '../../src/adapters/credentials/memory';
import { credentialsContract } from './credentials';

credentialsContract('in memory', () => {
  const passwords: { [login: string]: string } = { shop_a: 'first', shop_b: 'second' };
  const credentials = createMemoryCredentials({ passwords, open: ['shop_a'] });
  return Promise.resolve({
    credentials,
    logIn: async (login, password) => {
      await Promise.resolve();
      credentials.logIn(login, password, 'billing');
      return { close: () => Promise.resolve(credentials.logOut(login, 'billing')) };
    },
    setPassword: (login, password) => void (passwords[login] = password),
    close: () => Promise.resolve(),
  });
});
