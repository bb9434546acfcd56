import { expect, test } from 'vitest';
import { requestAccess, requestable } from './file-permission.ts';

/** Handles in these states. `answers` are the person's answers in order; a Yes covers all handles if `all` is set, otherwise one. */
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

test('only handles that are readable or can be allowed are requested', async () => {
  const { handles } = browser(['prompt', 'granted', 'denied'], [], false);
  expect(await requestable(handles)).toEqual(handles.slice(0, 2));
  expect(await requestable([{ kind: 'file' } as FileSystemFileHandle])).toEqual([]);
});

test('a Yes for all takes one question, and a No ends the questions', async () => {
  const forAll = browser(['prompt', 'prompt', 'prompt'], ['granted'], true);
  expect([await requestAccess(forAll.handles), forAll.asked]).toEqual([true, [0]]);
  const oneByOne = browser(['granted', 'prompt', 'prompt'], ['granted', 'granted'], false);
  expect([await requestAccess(oneByOne.handles), oneByOne.asked]).toEqual([true, [1, 2]]);
  const refused = browser(['prompt', 'prompt', 'prompt'], ['granted', 'denied'], false);
  expect([await requestAccess(refused.handles), refused.asked]).toEqual([false, [0, 1]]);
});

test('when the browser requires another click, the next click continues where the last one stopped', async () => {
  const answers: PermissionState[] = ['granted'];
  const slow = browser(['prompt', 'prompt'], answers, false);
  expect(await requestAccess(slow.handles)).toBe(false);
  answers.push('granted');
  expect(await requestAccess(slow.handles)).toBe(true);
  expect(slow.asked).toEqual([0, 1, 1]);
});
