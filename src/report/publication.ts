/** How the table in the database stands, as far as the ledger tells. */
export interface PublicationStanding {
  /** Nothing was published yet: undefined. */
  readonly last: { readonly at: string; readonly position: number; readonly table: string } | undefined;
  /** How many events the ledger has. */
  readonly events: number;
  /** Lines follow from the ledger that are not known to be in the database. */
  readonly due: boolean;
}

/** What status says of it, for people; nothing where every server has a file. */
export function publicationText(standing: PublicationStanding | undefined, out: string): string {
  if (standing === undefined) return '';
  const { last, events, due } = standing;
  const said =
    last === undefined
      ? 'nothing was published yet'
      : `last published ${last.at}, at ledger position ${last.position} of ${events}`;
  const hint = `hint: certrelay publish --database URL${out === 'out' ? '' : ` --out ${out}`}\n`;
  return `database\n  ${said}${due ? '; publishing is due, and what it replaces is in force\n' : '\n'}${due ? hint : ''}`;
}

/** The same for programs. */
export function publicationDocument({ last, events, due }: PublicationStanding) {
  return { published: last ?? null, events, due };
}
