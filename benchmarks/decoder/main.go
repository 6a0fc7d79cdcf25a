// Command decoder measures how long Grafana's SDK takes to decode the frames of a response.
//
// Argument: the number of repeats. Input: for each frame, its length (four bytes, big-endian), then the frame. Output: a JSON array with the
// nanoseconds of each repeat.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "decoder:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return errors.New("pass the number of repeats")
	}
	repeats, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	frames, err := readFrames(bufio.NewReaderSize(os.Stdin, 1<<20))
	if err != nil {
		return err
	}
	times := make([]int64, repeats)
	for i := range times {
		start := time.Now()
		if _, err := data.UnmarshalArrowFrames(frames); err != nil {
			return err
		}
		times[i] = time.Since(start).Nanoseconds()
	}
	return json.NewEncoder(os.Stdout).Encode(times)
}

func readFrames(in io.Reader) ([][]byte, error) {
	var frames [][]byte
	for {
		var length uint32
		if err := binary.Read(in, binary.BigEndian, &length); errors.Is(err, io.EOF) {
			return frames, nil
		} else if err != nil {
			return nil, err
		}
		frame := make([]byte, length)
		if _, err := io.ReadFull(in, frame); err != nil {
			return nil, err
		}
		frames = append(frames, frame)
	}
}
