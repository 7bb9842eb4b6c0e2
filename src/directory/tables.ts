import type { Generated } from 'kysely';
import type { AccountState, HashOrigin } from './account.ts';
import type { Answer, Phase, Stage } from './route/route.ts';

/** The room's tables as Kysely sees them: see migrations.ts for what they hold. */
export type DirectoryTables = {
  instance: { id: string; boot: string; listed_at: Generated<Date> };
  account: {
    id: Generated<number>;
    address: string;
    state: Generated<AccountState>;
    authority: string;
    credential_version: Generated<number>;
  };
  secret_hash: { account_id: number; origin: HashOrigin; hash: string; at: Generated<Date> };
  login_name: { name: string; account_id: number };
  recipient: { address: string; account_id: number };
  route: {
    account_id: number;
    home: string;
    phase: Generated<Phase>;
    epoch: Generated<number>;
    stage: Stage | null;
    hold_deadline: Date | null;
    round_deadline: Date | null;
  };
  acknowledgement: {
    account_id: number;
    epoch: number;
    stage: Stage;
    instance: string;
    answer: Answer;
    at: Generated<Date>;
  };
};
