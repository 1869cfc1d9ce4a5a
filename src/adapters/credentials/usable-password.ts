import { PortError } from '../../ports/errors';

const longest = 1_000;

/**
 * The password, if it is one that every client sends alike: other characters are prepared by rules that not all of them have.
 * @throws PortError `Rejected`, never with the password.
 */
export function usablePassword(password: string, where: string): string {
  if (password.length <= longest && /^[\x20-\x7e]+$/.test(password)) return password;
  throw new PortError(
    'Rejected',
    `${where}: its password is not made of 1 to ${longest} printable ASCII characters; make another one and put it behind its reference`,
  );
}
