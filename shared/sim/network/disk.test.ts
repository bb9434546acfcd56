import { expect, test } from 'vitest';
import { AssertionError } from '../../assert.ts';
import { blockBytes } from '../../limits.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { distinctContent, sharedContent } from '../core/content.ts';
import { Disk } from './disk.ts';

const geometry = new Geometry(2 * blockBytes, [{ length: 5 * blockBytes + 100, padding: false }]);

test.each([sharedContent, distinctContent])('a piece hashes correctly when every block of it is honest', (content) => {
  const disk = new Disk(geometry, content, Infinity);
  disk.write(0, 0, content.honest(0, 0, blockBytes));
  disk.write(0, blockBytes, content.lie(0, blockBytes, blockBytes));
  expect(disk.verify(0, false).ok).toBe(false);
  disk.write(0, 0, content.honest(0, 0, blockBytes));
  expect(() => disk.verify(0, false)).toThrow(AssertionError);
  disk.write(0, blockBytes, content.honest(0, blockBytes, blockBytes));
  expect(disk.verify(0, false)).toEqual({ ok: true });
  expect(disk.has(0)).toBe(false);
  disk.store(0);
  expect(disk.has(0)).toBe(true);
  expect([...disk.bitfield()]).toEqual([0x80]);
});

test('with distinct content, a block at the wrong place is a lie', () => {
  expect(distinctContent.isHonest(1, 0, distinctContent.honest(0, 0, blockBytes))).toBe(false);
  expect(distinctContent.isHonest(0, 0, distinctContent.honest(0, blockBytes, blockBytes))).toBe(false);
});

test('a block of the wrong length, or of a stored piece, is a bug in the swarm', () => {
  const disk = new Disk(geometry, sharedContent, Infinity);
  expect(() => disk.write(2, blockBytes, sharedContent.honest(2, blockBytes, blockBytes))).toThrow(AssertionError);
  disk.store(1);
  expect(() => disk.write(1, 0, sharedContent.honest(1, 0, blockBytes))).toThrow(AssertionError);
});

test('a full disk reports it, and a lost piece is gone', () => {
  const disk = new Disk(geometry, sharedContent, 1);
  disk.store(0);
  expect(disk.isOverfull).toBe(false);
  disk.store(1);
  expect(disk.isOverfull).toBe(true);
  disk.lose(1);
  expect([disk.isOverfull, disk.has(1), disk.storedCount]).toEqual([false, false, 1]);
});
