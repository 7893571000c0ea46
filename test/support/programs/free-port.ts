/** For programs that cannot say which port they took. */
export { freePort } from '../../../scripts/start/ports.ts';
