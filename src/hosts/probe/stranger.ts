import type { Io } from '../../cli/command.ts';
import { issueAuthority } from '../../provision/pki/authority.ts';
import { issue } from '../../provision/pki/issue.ts';
import { profiles } from '../../provision/pki/profiles.ts';
import type { Credential } from './credential.ts';

/**
 * The certificate of somebody whom no server has listed, from an authority that none has heard of. It exists as long as the
 * command runs, and is written nowhere.
 */
export async function strangersCredential({ now, random }: Io): Promise<Credential> {
  const at = { now: now(), random };
  const { authority } = await issueAuthority({ ...at, name: 'some other authority', keyType: 'ec-p256', days: 2 });
  const holder = 'stranger.example';
  const issued = await issue(profiles.client, { name: holder }, authority, { ...at, keyType: 'ec-p256', days: 1 });
  return { holder, facts: issued.facts, certificate: issued.certificatePem, key: issued.keyPem, trusted: false };
}
