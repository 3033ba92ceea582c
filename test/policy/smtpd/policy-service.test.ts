import { describe, expect, it } from 'vitest';
import { parseVersion } from '../../../src/policy/postfix/version.ts';
import { readPolicyService } from '../../../src/policy/smtpd/lists/policy-service.ts';

function read(argument: string, release = '3.7') {
  const version = parseVersion(release);
  if ('code' in version) throw new Error(version.message);
  return readPolicyService(argument, version);
}

describe('the service of check_policy_service', () => {
  it.each([
    ['inet:127.0.0.1:10023', { endpoint: 'inet:127.0.0.1:10023' }],
    ['unix:private/policy', { endpoint: 'unix:private/policy' }],
    ['{ inet:h:1, timeout=10s, default_action=DUNNO }', { endpoint: 'inet:h:1', defaultAction: 'DUNNO' }],
    ['{inet:h:1 { default_action = 550 my way }, max_idle=5m}', { endpoint: 'inet:h:1', defaultAction: '550 my way' }],
  ])('%s', (argument, service) => expect(read(argument)).toEqual(service));

  // Each as smtpd 3.7.11 logs it when it does not start.
  it.each([
    ['permit', 'need service transport:endpoint instead of "permit"'],
    ['tcp:127.0.0.1:10023', 'invalid transport name: tcp in service: tcp:127.0.0.1:10023'],
    ['{ }', 'empty policy service: "{ }"'],
    ['{ inet:127.0.0.1:10023 }x', 'policy service syntax error:  inet:127.0.0.1:10023 '],
    ['{ inet:h:1, nosuch=5 }', 'unknown option: "nosuch = 5"'],
    ['{ inet:h:1, timeout=abc }', 'timeout: bad time value or unit: abc'],
    ['{ inet:h:1, timeout=0 }', 'invalid timeout: 0 (min 1)'],
    ['{ inet:h:1, try_limit=abc }', 'bad numerical configuration: try_limit = abc'],
    ['{ inet:h:1, timeout }', `malformed option: missing '=' after attribute name: "...timeout..."`],
  ])('%s', (argument, fatal) => expect(read(argument)).toEqual({ fatal }));

  it('knows policy_context from 3.1 on', () => {
    const argument = '{ inet:h:1, policy_context=submission }';
    expect(read(argument, '3.0')).toEqual({ fatal: 'unknown option: "policy_context = submission"' });
    expect(read(argument, '3.1')).toEqual({ endpoint: 'inet:h:1' });
  });
});
