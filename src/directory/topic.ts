/**
 * The change feed's topic for accounts. Its key is the account's id, or ALL_ACCOUNTS: many accounts were added, and
 * who hears it looks for those that are new to it (28,000 changes of one row each would say no more).
 */
export const ACCOUNT_TOPIC = 'account';
export const ALL_ACCOUNTS = 0;
