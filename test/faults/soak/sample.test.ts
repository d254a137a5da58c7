import { startService } from '../../support/test-service.ts';
import { plot } from './plot.ts';
import { sampleOf } from './sample.ts';

const measured = { seconds: 1, fileSizes: [1024 * 1024, 512 * 1024] };

describe('a sample', () => {
  it('finds everything that it looks for in what the service says', async () => {
    const service = await startService();
    service.parts.metrics.collectProcess();
    const metrics = await service.parts.metrics.text();
    await service.close();
    const sample = sampleOf({ ...measured, metrics });

    expect(sample['memory (MiB)']).toBeGreaterThan(10);
    expect(sample['heap (MiB)']).toBeGreaterThan(1);
    expect(sample['handles and timers']).toBeGreaterThan(0);
    expect(sample['held polls']).toBe(0);
    expect(sample['files on disk (MiB)']).toBe(1.5);
  });

  it('is none where a series is missing', () => {
    expect(() => sampleOf({ ...measured, metrics: 'process_open_fds 3\n' })).toThrow(
      '/metrics has no process_resident_memory_bytes',
    );
  });
});

describe('the plot', () => {
  const samples = [0, 60, 120].map((seconds) => ({ seconds, 'open files': seconds, memory: 7 }));

  it('has a line for each thing, with a point for each sample', () => {
    const lines = [...plot(samples).matchAll(/<polyline points="([^"]+)"/g)];

    expect(lines.map(([, points = '']) => points.split(' ').length)).toEqual([3, 3]);
  });

  it('names what it shows, and from when to when', () => {
    const svg = plot(samples);

    expect(svg).toContain('>open files</text>');
    expect(svg).toContain('>memory</text>');
    expect(svg).toContain('>2 min</text>');
  });

  it('stays within its frame, and begins at the bottom for 0', () => {
    const [, points = ''] = /<polyline points="([^"]+)"/.exec(plot(samples)) ?? [];
    const [first, , last] = points.split(' ').map((point) => point.split(',').map(Number));

    expect(first?.[1]).toBe(140);
    expect(last?.[0]).toBe(710);
    expect(last?.[1]).toBeGreaterThan(30);
  });

  it('is drawn of no samples, too', () => {
    expect(plot([])).toContain('</svg>');
  });
});
