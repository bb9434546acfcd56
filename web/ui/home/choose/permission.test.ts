import { expect, test } from 'vitest';
import { allow, allowable } from './permission.ts';

/** Handles of one browser, by the state each is in. `answers`: what the person says, question by question; a Yes counts for `all` or one. */
function browser(states: PermissionState[], answers: PermissionState[], all: boolean) {
  const asked: number[] = [];
  const handles = states.map((_, index) => ({
    queryPermission: async () => states[index],
    requestPermission: async () => {
      if (states[index] !== 'prompt') return states[index];
      asked.push(index);
      const answer = answers.shift();
      if (answer === undefined) throw new DOMException('the click is too long ago', 'SecurityError');
      states.fill(answer, index, all ? states.length : index + 1);
      return answer;
    },
  }));
  return { handles: handles as unknown as FileSystemFileHandle[], asked };
}

test('it is offered for those that asking can help', async () => {
  const { handles } = browser(['prompt', 'granted', 'denied'], [], false);
  expect(await allowable(handles)).toEqual(handles.slice(0, 2));
  expect(await allowable([{ kind: 'file' } as FileSystemFileHandle])).toEqual([]);
});

test('one Yes for all is one question, a No ends the questions', async () => {
  const forAll = browser(['prompt', 'prompt', 'prompt'], ['granted'], true);
  expect([await allow(forAll.handles), forAll.asked]).toEqual([true, [0]]);
  const oneByOne = browser(['granted', 'prompt', 'prompt'], ['granted', 'granted'], false);
  expect([await allow(oneByOne.handles), oneByOne.asked]).toEqual([true, [1, 2]]);
  const refused = browser(['prompt', 'prompt', 'prompt'], ['granted', 'denied'], false);
  expect([await allow(refused.handles), refused.asked]).toEqual([false, [0, 1]]);
});

test('a browser that wants another click is asked on from where it stopped', async () => {
  const answers: PermissionState[] = ['granted'];
  const slow = browser(['prompt', 'prompt'], answers, false);
  expect(await allow(slow.handles)).toBe(false);
  answers.push('granted');
  expect(await allow(slow.handles)).toBe(true);
  expect(slow.asked).toEqual([0, 1, 1]);
});
