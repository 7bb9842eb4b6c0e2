import type { Generated } from 'kysely';
import type { AccountState, AppScope, HashOrigin } from './account.ts';
import type { OutboxAct } from './outbox/act.ts';
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
    former_authority: string | null;
    former_version: number | null;
  };
  secret_hash: { account_id: number; origin: HashOrigin; hash: string; at: Generated<Date> };
  login_name: { name: string; account_id: number };
  recipient: { address: string; account_id: number; ours: Generated<boolean> };
  former_hash: { id: Generated<number>; account_id: number; hash: string; at: Generated<Date> };
  app_password: {
    id: Generated<number>;
    account_id: number;
    label: string;
    scope: AppScope[];
    digest: Buffer;
    created_at: Generated<Date>;
    last_used_at: Date | null;
    revoked_at: Date | null;
  };
  web_session: { id: string; account_id: number; made_at: Date; seen_at: Date; network: string; device: string; ended_at: Date | null };
  passkey: { id: string; account_id: number; public_key: Buffer; transports: string[]; name: string; synced: boolean; created_at: Generated<Date>; last_used_at: Date | null };
  second_step: { account_id: number; sealed: Buffer; everywhere: Generated<boolean>; last_step: number; created_at: Generated<Date> };
  recovery_code: { account_id: number; digest: Buffer; used_at: Date | null };
  reset_link: { digest: Buffer; account_id: number; version: number; made_by: string; created_at: Generated<Date>; expires_at: Date };
  platform_login: { account_id: number; platform: string; login: string };
  outbox: {
    id: Generated<number>;
    account_id: number;
    platform: string;
    act: OutboxAct;
    detail: string;
    sealed: Buffer | null;
    at: Generated<Date>;
    due_at: Generated<Date>;
    tries: Generated<number>;
    error: string | null;
    done_at: Date | null;
  };
  secret_pushed: { account_id: number; platform: string; version: number };
  instance_progress: { instance: string; life: string; xid: string; at: Generated<Date> };
  provisioning_request: { key: string; digest: Buffer; answer: string | null; at: Generated<Date> };
  provisioning_sequence: { account_id: number; sequence: number };
  route: {
    account_id: number;
    home: string;
    phase: Generated<Phase>;
    epoch: Generated<number>;
    stage: Stage | null;
    hold_deadline: Date | null;
    round_deadline: Date | null;
    abandoned: Generated<boolean>;
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
