import { predictLength } from 'client-zip';
import { fromUtf8 } from '../../../shared/bytes.ts';
import type { Random } from '../../../shared/random.ts';
import { downloadPath } from '../../../web/bridge/downloads.ts';
import { readRecord } from '../../../web/engine/library/torrent-record.ts';
import { PieceGroups } from '../../../web/engine/storage/pieces/indexeddb-backend.ts';
import { answerDownload } from '../../../web/service/download-stream.ts';
import { isShell } from '../../../web/service/app-shell.ts';
import { attachment } from '../../../web/service/attachment.ts';
import { decoded } from '../../../web/state/decoded.ts';
import { anyJson, mutatedText, noise, pick } from '../inputs.ts';
import { expectThat, type Target } from '../target.ts';

const recordNames = [
  'version',
  'id',
  'infoHash',
  'name',
  'infoBytes',
  'trackers',
  'webSeeds',
  'wanted',
  'savedBy',
  'selectOnly',
  'handles',
];

function takeRecord(random: Random): void {
  const value = anyJson(recordNames, random);
  const record = readRecord(typeof value === 'object' && value !== null && random.below(2) === 0 ? { ...value, version: 1 } : value);
  expectThat(record === null || record.version === 1, 'a record of another version');
}

function takePieceKeys(random: Random): void {
  const groups = new PieceGroups(65_536, 1_048_576);
  for (let keys = random.below(5); keys > 0; keys--) groups.learn(mutatedText(['12:0,1,2', '0:5', '99999999:4,4,4'], random));
  const place = groups.placeOf(random.below(6));
  expectThat(place === null || place.begin >= 0, 'a piece lies before its group');
}

const paths = ['/', '/assets/a.js', downloadPath, `${downloadPath}x`, '/../', '/%2e%2e/'];

/** Node's `Request` cannot be a navigation, so these are objects with what the service worker reads. */
function takeWorkerRequest(random: Random): void {
  const path = mutatedText(paths, random).replaceAll(/\p{Surrogate}/gu, '');
  const url = URL.parse(path, 'https://a.example/');
  if (url === null) return;
  const request = {
    method: pick(['GET', 'POST', 'HEAD', ''], random),
    mode: pick(['navigate', 'cors', 'no-cors', 'same-origin'], random),
    destination: pick(['', 'iframe', 'document', 'script', 'embed'], random),
    headers: new Headers(random.below(2) === 0 ? { range: 'bytes=0-' } : {}),
    url: url.href,
  } as unknown as Request;
  isShell(request, url);
  expectThat(answerDownload(request, url).status === 404, 'a download that nobody registered');
}

function takeAttachment(random: Random): void {
  const header = attachment(fromUtf8(noise(60, random)) + mutatedText(['a"b.txt', 'x\r\ny', "it's", '\ud800'], random));
  // Throws for a value that is no header.
  expectThat(new Headers({ 'content-disposition': header }).get('content-disposition') === header, 'a header changes on its way');
  expectThat(!/[^\x20-\x7e]/.test(header), 'a header that is not ASCII');
}

export const pageTargets: readonly Target[] = [
  { name: 'stored records', take: takeRecord },
  { name: 'stored piece keys', take: takePieceKeys },
  { name: 'service worker requests', take: takeWorkerRequest },
  { name: 'file names in headers', take: takeAttachment },
  { name: 'escaped addresses', take: (random) => void decoded(mutatedText(['%20', '%E2%82%AC', '%ff', 'a%'], random)) },
  {
    name: 'ZIP lengths',
    take: (random) => {
      const entries = Array.from({ length: random.below(6) }, () => ({
        name: `a${mutatedText(['a', 'ö'], random)}`,
        size: random.below(2 ** 31),
      }));
      expectThat(predictLength(entries) > 0, 'a ZIP without length');
    },
  },
];
