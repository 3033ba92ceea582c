/** A program that smtpd(8) asks, as far as a value in main.cf can stop it. */
export interface AskedProgram {
  readonly program: string;
  /** The parameter that says by which service of master.cf the server finds it. */
  readonly service: string;
  /** What it loads beside the parameters of every program, in its order. */
  readonly loads: ReadonlySet<string>;
  /** Match lists that it makes while it starts. */
  readonly lists: readonly string[];
  /** Maps that it opens while it starts, and that resolving an address asks. */
  readonly maps: readonly string[];
  /** Maps that it opens, too, and nobody here: only what is no name of a table matters. */
  readonly otherMaps: readonly string[];
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const otherRewritingMaps = words(`
  sender_dependent_relayhost_maps sender_dependent_default_transport_maps address_verify_transport_maps
  address_verify_sender_dependent_relayhost_maps address_verify_sender_dependent_default_transport_maps
`);

/** Looks at every address that is not empty, before any restriction does (trivial-rewrite(8)). */
export const trivialRewrite: AskedProgram = {
  program: 'trivial-rewrite',
  service: 'rewrite_service_name',
  loads: new Set([
    ...words(`
      transport_maps local_transport virtual_transport relay_transport default_transport virtual_alias_maps
      virtual_alias_domains virtual_mailbox_maps virtual_mailbox_domains relocated_maps empty_address_recipient
      address_verify_transport_maps address_verify_local_transport address_verify_virtual_transport
      address_verify_relay_transport address_verify_default_transport address_verify_relayhost
      empty_address_relayhost_maps_lookup_key empty_address_default_transport_maps_lookup_key
      remote_header_rewrite_domain swap_bangpath append_at_myorigin append_dot_mydomain allow_percent_hack
      resolve_dequoted_address resolve_null_domain resolve_numeric_domain allow_min_user
      show_user_unknown_table_name
    `),
    ...otherRewritingMaps,
  ]),
  lists: ['mydestination', 'virtual_alias_domains', 'virtual_mailbox_domains', 'relay_domains'],
  maps: ['transport_maps', 'relocated_maps'],
  otherMaps: otherRewritingMaps,
};

const cleanupMaps = words(`
  canonical_maps sender_canonical_maps recipient_canonical_maps virtual_alias_maps header_checks mime_header_checks
  nested_header_checks body_checks sender_bcc_maps recipient_bcc_maps
`);

/** Writes the message to the queue; asked as soon as there is a recipient (cleanup(8)). */
export const cleanup: AskedProgram = {
  program: 'cleanup',
  service: 'cleanup_service_name',
  loads: new Set([
    ...cleanupMaps,
    ...words(`
      always_add_missing_headers always_bcc body_checks_size_limit cleanup_replace_stray_cr_lf delay_warning_time
      detect_8bit_encoding_header disable_verp_bounces duplicate_filter_limit empty_address_recipient hopcount_limit
      masquerade_classes masquerade_domains masquerade_exceptions message_reject_characters message_strip_characters
      milter_header_checks non_smtpd_milters propagate_unmatched_extensions queue_file_attribute_count_limit
      recipient_canonical_classes sender_canonical_classes remote_header_rewrite_domain undisclosed_recipients_header
      virtual_alias_address_length_limit virtual_alias_expansion_limit virtual_alias_recursion_limit
    `),
  ]),
  lists: [],
  maps: [],
  otherMaps: cleanupMaps,
};
