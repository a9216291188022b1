import { describe, expect, it } from '@jest/globals';
import { answer, htmlPage, refused } from './responses.js';
import { Refusal } from './refusal.js';
import { asXml } from './xml.js';

describe('the XML of a response', () => {
  it('repeats the name of a list for each item and escapes text', () => {
    const body = { Code: 'OK', Data: { Total: 2, List: [{ Subject: 'a<b> & c\r' }, { Subject: '群' }] } };
    const { contentType, body: xml } = asXml(answer({ RequestId: 'R', ...body }), 'ListChatGroup');
    expect(contentType).toBe('text/xml;charset=utf-8');
    expect(xml).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><ListChatGroupResponse><RequestId>R</RequestId><Code>OK</Code><Data><Total>2</Total><List><Subject>a&#60;b&#62; &#38; c&#13;</Subject></List><List><Subject>群</Subject></List></Data></ListChatGroupResponse>',
    );
  });

  it("has the root Error for errors of the vendor's gateway, and keeps bodies that are not JSON", () => {
    const error = asXml(
      refused(new Refusal('MissingPage', 'Page'), 'ListChatGroup', 'host'),
      'ListChatGroup',
    );
    expect(error).toMatchObject({
      status: 400,
      body: expect.stringMatching(/<Error><RequestId>.*<\/Error>$/),
    });
    const page = htmlPage(502, 'Bad Gateway');
    expect(asXml(page, 'ListChatGroup')).toBe(page);
  });
});
