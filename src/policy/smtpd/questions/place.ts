/** Where a restriction stands: enough to print `smtpd_relay_restrictions[2]: check_client_access hash:access`. */
export interface Place {
  /** The parameter, restriction class or access table whose list this is. */
  readonly list: string;
  /** Position among the list's elements, from 0; an argument belongs to its restriction. */
  readonly index: number;
  /** As written. */
  readonly restriction: string;
  readonly argument?: string;
}
