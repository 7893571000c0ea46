/** Tests and bench start and end programs the way `npm start` does. */
export * from '../../../scripts/start/program.ts';
