// Command frame-decoder reads data frames as Grafana's server does, and turns them into the JSON that a browser gets.
//
// Input: any number of frames, each after its length as four bytes, big-endian. Output: one line for each: "ok",
// "rejected: <reason>" for a frame that Grafana cannot decode, or "panic: <reason>" for one that would end a query, or the
// server, with a panic.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func main() {
	if err := run(bufio.NewReaderSize(os.Stdin, 1<<20), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	for {
		var length uint32
		if err := binary.Read(in, binary.BigEndian, &length); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		frame := make([]byte, length)
		if _, err := io.ReadFull(in, frame); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, verdict(frame)); err != nil {
			return err
		}
	}
}

func verdict(frame []byte) (line string) {
	defer func() {
		if reason := recover(); reason != nil {
			line = oneLine("panic", fmt.Sprint(reason))
		}
	}()
	frames, err := data.UnmarshalArrowFrames([][]byte{frame})
	if err != nil {
		return oneLine("rejected", err.Error())
	}
	written, err := json.Marshal(frames[0])
	if err != nil {
		return oneLine("rejected", "as JSON: "+err.Error())
	}
	if !json.Valid(written) {
		return "rejected: its JSON is invalid"
	}
	return "ok"
}

func oneLine(what, reason string) string {
	return what + ": " + strings.Join(strings.Fields(reason), " ")
}
