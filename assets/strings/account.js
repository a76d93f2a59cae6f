// Words of the account's pages.

export const account = {};
