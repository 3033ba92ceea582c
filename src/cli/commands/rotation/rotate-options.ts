import { usualHookLimit } from '../../../hosts/programs/hook.ts';
import { CertrelayError, type Problem } from '../../../lib/problem.ts';
import { durationSeconds } from '../../../provision/rotation/duration.ts';
import type { RotateRequest } from '../../../provision/rotation/rotate-request.ts';
import { nothingSeen } from '../../../provision/rotation/seen-in-use.ts';
import { knownHosts } from '../../../provision/settings/known-hosts.ts';
import type { Inventory } from '../../../provision/settings/types.ts';
import { digests, type KeyType } from '../../../x509/algorithms.ts';
import type { Options } from '../../command.ts';
import { readTimeLimit } from '../../time-limit.ts';

/** Reads arguments and options of rotate against the inventory. @throws CertrelayError (usage) with all that is wrong. */
export function readRotateRequest(args: readonly string[], options: Options, inventory: Inventory): RotateRequest {
  const problems: Problem[] = [];
  const wrong = (code: string, message: string, hint: string) => problems.push({ code, message, hint });
  const deployed = listOf(options.deployed);
  const inUseLogs = listOf(options.inUseLog);
  const isTold = deployed.length > 0 || inUseLogs.length > 0;
  const { all, due, authority } = options;
  const names = args.length === 0 ? undefined : new Set(knownHosts(args, inventory));
  if (names === undefined && !all && !due && !authority && options.digest === undefined && !isTold) {
    wrong(
      'rotate-nothing',
      'nothing was said to be rotated',
      'name hosts, or give --due for what is due, --all, --authority, --digest NAME, --deployed NAME, or --in-use-log FILE',
    );
  }
  if (names !== undefined && all) wrong('rotate-both', 'hosts are named, and --all is given', 'give one of the two');
  if (options.rekey && options.reuseKey) {
    wrong('key-both', '--rekey and --reuse-key exclude each other', 'leave both out for a new key');
  }
  if (options.reuseKey && authority && names === undefined && !all && !due) {
    wrong('authority-key', 'an authority is never rolled over with its old key', 'leave --reuse-key out');
  }
  const authorityOptions = ['caName', 'caDays', 'keyType'].filter((name) => options[name] !== undefined);
  if (authorityOptions.length > 0 && !authority) {
    wrong(
      'authority-options',
      '--ca-name, --ca-days and --key-type are about the next authority',
      'give --authority as well; for other certificates "certrelay init --key-type TYPE" says the key type',
    );
  }
  const overlap = typeof options.overlap === 'string' ? durationSeconds(options.overlap) : undefined;
  if (options.overlap !== undefined && overlap === undefined) {
    const given = String(options.overlap);
    wrong(
      'overlap-invalid',
      `--overlap: "${given}" is no duration`,
      'a number with s, m, h, d or w, such as 14d or 5s',
    );
  }
  const days = options.caDays === undefined ? undefined : Number(options.caDays);
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= 36_500)) {
    wrong('days-invalid', `--ca-days: "${options.caDays}" is no lifetime`, 'a whole number of days from 1 to 36500');
  }
  if (problems.length > 0) throw new CertrelayError('usage', ...problems);
  const isGoingOn = names === undefined && !all && !due && !authority && options.digest === undefined;
  return {
    selection: {
      names,
      all: all === true,
      due: due === true,
      authority: authority === true,
      digest: options.digest !== undefined,
      goOn: isGoingOn || (isTold && names === undefined),
    },
    digest: digests.find((one) => one === options.digest),
    deployed: deployed.length === 0 ? [] : knownHosts(deployed, inventory),
    inUseLogs,
    seen: nothingSeen,
    reuseKey: options.reuseKey === true,
    overlap,
    deployHook: textOf(options.deployHook),
    hookLimit: readTimeLimit('--hook-timeout', options.hookTimeout, usualHookLimit),
    beforeHook: textOf(options.beforeHook),
    afterHook: textOf(options.afterHook),
    authority: {
      ...(typeof options.caName === 'string' ? { name: options.caName } : {}),
      ...(days === undefined ? {} : { days }),
      // commander has checked it against the key types.
      ...(typeof options.keyType === 'string' ? { keyType: options.keyType as KeyType } : {}),
    },
    passphraseFile: textOf(options.passphraseFile),
    dryRun: options.dryRun === true,
  };
}

function textOf(value: Options[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function listOf(value: Options[string]): readonly string[] {
  return Array.isArray(value) ? value : [];
}
