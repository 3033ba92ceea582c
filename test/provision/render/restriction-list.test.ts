import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { canRefuse, insertPermit, written } from '../../../src/policy/postfix/restriction-list.ts';

const permit = 'permit_tls_clientcerts';
const noClasses = (): undefined => undefined;
const insert = (list: string, classes: Record<string, string> = {}): string =>
  insertPermit(list.split(/[\s,]+/).filter(Boolean), permit, (name) => classes[name]?.split(' ')).join(' ');

describe('inserting a permit into a restriction list', () => {
  it.each([
    [
      'has the standing of local networks and users',
      'permit_mynetworks reject_unauth_destination',
      `permit_mynetworks ${permit} reject_unauth_destination`,
    ],
    [
      'goes after the last of them, before the checks that strangers get',
      'permit_mynetworks reject_non_fqdn_recipient permit_sasl_authenticated check_client_access hash:/x reject_unauth_destination',
      `permit_mynetworks reject_non_fqdn_recipient permit_sasl_authenticated ${permit} check_client_access hash:/x reject_unauth_destination`,
    ],
    ['leads where there are none', 'reject_unauth_destination', `${permit} reject_unauth_destination`],
    [
      'does not follow a permit that comes after the refusal',
      'reject permit_mynetworks',
      `${permit} reject permit_mynetworks`,
    ],
    ['is not needed twice', `${permit} reject_unauth_destination`, `${permit} reject_unauth_destination`],
    ['is needed where it stands too late', `reject ${permit}`, `${permit} reject ${permit}`],
    ['is needed where it only warns', `warn_if_reject ${permit} reject`, `${permit} warn_if_reject ${permit} reject`],
    [
      'is not needed where nothing refuses',
      'permit_mynetworks reject_rbl_client zen.example',
      'permit_mynetworks reject_rbl_client zen.example',
    ],
    [
      'is not needed where a refusal only warns',
      'warn_if_reject reject_unauth_destination',
      'warn_if_reject reject_unauth_destination',
    ],
    ['is not needed where everything is permitted before', 'permit reject', 'permit reject'],
    [
      'heeds names in any case',
      'Permit_MyNetworks Reject_Unauth_Destination',
      `Permit_MyNetworks ${permit} Reject_Unauth_Destination`,
    ],
  ])('%s', (_what, list, expected) => expect(insert(list)).toBe(expected));

  it('looks into restriction classes, also of classes, and survives one that names itself', () => {
    const classes = { outer: 'permit_mynetworks inner', inner: 'reject_unauth_destination', loop: 'loop' };
    expect(insert('outer', classes)).toBe(`${permit} outer`);
    expect(insert('check_sender_access hash:/x outer', classes)).toBe(`${permit} check_sender_access hash:/x outer`);
    expect(insert('loop', classes)).toBe('loop');
  });

  const word = fc.constantFrom(
    ...[
      'permit_mynetworks',
      'permit_sasl_authenticated',
      permit,
      'reject_unauth_destination',
      'defer_unauth_destination',
    ],
    ...[
      'reject',
      'defer',
      'permit',
      'warn_if_reject',
      'reject_unknown_client_hostname',
      'check_client_access',
      'hash:/x',
    ],
  );
  property.prop([fc.array(word)])('keeps every word in its order, and does its work once', (list) => {
    const made = insertPermit(list, permit, noClasses);
    expect(canRefuse(made, noClasses)).toBe(canRefuse(list, noClasses));
    expect(insertPermit(made, permit, noClasses)).toEqual(made);
    if (made.length !== list.length) {
      const place = made.findIndex((each, index) => each !== list[index]);
      expect(made[place]).toBe(permit);
      expect(made.toSpliced(place, 1)).toEqual(list);
    } else expect(made).toEqual(list);
  });

  it('is written with commas between restrictions and a blank before an argument', () => {
    const list =
      'check_client_access hash:/x reject_rbl_client zen.example warn_if_reject reject_unauth_destination sleep 5 reject';
    expect(written(list.split(' '))).toBe(
      'check_client_access hash:/x, reject_rbl_client zen.example, warn_if_reject reject_unauth_destination, sleep 5, reject',
    );
    expect(written([])).toBe('');
  });
});
