/**
 * Changes that no session can show, with the reason. One that is told apart all the same fails the run, as does one
 * that is no mutant.
 */
export const equivalents: ReadonlyMap<string, string> = new Map([
  ['action HANGUP, another code', 'the connection ends without a reply, and with it any code'],
  ["table type hash, its neighbour's behaviour", 'hash and btree differ in how one and the same file is laid out'],
  ["table type dbm, its neighbour's behaviour", 'dbm and sdbm differ in how two files of the same names are laid out'],
  ['table type internal, says nothing', 'a table that is empty when the server starts never says anything'],
]);
