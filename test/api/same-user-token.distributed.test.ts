import { mongoScratch } from '../support/real-servers.ts';
import { describeSameUserToken } from './same-user-token.ts';

const scratch = mongoScratch();

afterAll(() => scratch.dispose());

describeSameUserToken('distributed', {
  SFCHAT_MODE: 'distributed',
  MONGODB_URI: databaseUri(),
  REDIS_URL: process.env['REDIS_URL']!,
});

function databaseUri(): string {
  const uri = new URL(process.env['MONGODB_URI']!);
  uri.pathname = `/${scratch.name}`;
  return uri.href;
}
