import { describeSameUserToken } from './same-user-token.ts';

describeSameUserToken('embedded');
