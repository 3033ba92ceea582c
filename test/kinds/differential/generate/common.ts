import type { Setting } from './setting.ts';

/** What every configuration has: it makes the server quick and keeps it from asking what the harness lacks. */
export const common: readonly Setting[] = [
  ['myhostname', 'mx.lab.test'],
  ['inet_interfaces', '127.0.0.1, ::1'],
  ['alias_maps', ''],
  ['smtpd_sasl_type', 'dovecot'],
  ['smtpd_sasl_path', 'private/lab-auth'],
  ['smtpd_error_sleep_time', '0'],
  ['smtpd_soft_error_limit', '1000'],
  ['smtpd_hard_error_limit', '1000'],
  ['smtpd_client_connection_count_limit', '0'],
  ['smtpd_client_connection_rate_limit', '0'],
  ['maillog_file', ''],
  ['notify_classes', ''],
  // A policy service that goes away, and a probe that is under way, are asked for again after seconds.
  ['smtpd_policy_service_retry_delay', '1'],
  ['address_verify_poll_count', '1'],
];
