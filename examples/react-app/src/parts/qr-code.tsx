import { useEffect, useState } from 'react';
import { GATEWAY_URL } from '../api/client.ts';
import { useSession } from '../session.tsx';

export interface QrCodeProps {
  readonly group: { readonly custSpaceId: string; readonly businessNumber: string; readonly groupId: string };
}

/** The invite link as a QR code, from the REST API. An `<img>` cannot send credentials, so it shows a blob. */
export function QrCode({ group }: QrCodeProps) {
  const { apiKey } = useSession();
  const [image, setImage] = useState<string>();
  const [isMissing, setIsMissing] = useState(false);
  const { custSpaceId, businessNumber, groupId } = group;

  useEffect(() => {
    let isCurrent = true;
    let url: string | undefined;
    fetchQrCode(apiKey, custSpaceId, businessNumber, groupId)
      .then((blob) => {
        if (!isCurrent) return;
        url = URL.createObjectURL(blob);
        setImage(url);
      })
      .catch(() => isCurrent && setIsMissing(true));
    return () => {
      isCurrent = false;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [apiKey, custSpaceId, businessNumber, groupId]);

  if (isMissing) return <p className="hint">The QR code is not available. Use the link instead:</p>;
  if (image === undefined) return <div className="qr-code" role="status" aria-label="Loading the QR code" />;
  return <img className="qr-code" src={image} alt="QR code of the invite link" />;
}

async function fetchQrCode(apiKey: string, space: string, number: string, groupId: string): Promise<Blob> {
  const [custSpaceId, businessNumber, id] = [space, number, groupId].map(encodeURIComponent);
  const path = `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups/${id}/invite-link/qr.svg`;
  const response = await fetch(GATEWAY_URL + path, { headers: { authorization: `Bearer ${apiKey}` } });
  if (!response.ok) throw new Error(`The gateway returned ${response.status} for the QR code`);
  return response.blob();
}
