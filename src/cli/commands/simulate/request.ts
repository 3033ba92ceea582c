import type { ServerRequest } from '../../../diagnose/evidence/given-server.ts';
import type { SessionRequest } from '../../../diagnose/evidence/session.ts';
import type { Options } from '../../command.ts';
import { listOption, textOption } from '../../option-values.ts';

/** The server that the options describe. */
export function serverRequest({ postfix, mainCf, masterCf, service, table }: Options): ServerRequest {
  return {
    release: textOption(postfix),
    mainCf: textOption(mainCf),
    masterCf: textOption(masterCf),
    service: textOption(service),
    tables: listOption(table),
  };
}

/** The session that the options describe, or as much of one as they do. */
export function sessionRequest(options: Options): SessionRequest {
  return {
    file: textOption(options.session),
    clientAddress: textOption(options.clientAddress),
    clientName: textOption(options.clientName),
    clientReverseName: textOption(options.clientReverseName),
    helo: textOption(options.helo),
    certificate: textOption(options.cert),
    fingerprints: listOption(options.fingerprint),
    publicKeyFingerprints: listOption(options.publicKeyFingerprint),
    trusted: options.trusted === true,
    plainText: options.tls === false,
    saslUser: textOption(options.saslUser),
    sender: textOption(options.from),
    recipients: listOption(options.to),
  };
}
